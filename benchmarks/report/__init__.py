"""A report by a language model: forward passes, time and memory beside plain prompting."""
