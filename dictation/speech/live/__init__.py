"""Live dictation: numbered blocks of sound in, provisional and final words out, for every recognizer."""
