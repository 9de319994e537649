"""What a request may do and who may do it: tables of data, without Django."""
