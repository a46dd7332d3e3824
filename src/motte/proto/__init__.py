"""The protobuf schema (`*.proto`) and the modules generated from it."""
