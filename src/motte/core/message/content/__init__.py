"""Content as protobuf and back, one module per domain; each opens with the fields that it writes and reads."""
