"""How the reader is made: examples, network, training, export (see README.md)."""
