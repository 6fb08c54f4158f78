"""What tests need of this machine: found there, or installed and built once into a cache."""
