"""One engine, many who ask: a bounded queue that forms batches, in which live work goes first."""
