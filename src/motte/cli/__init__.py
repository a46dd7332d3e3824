"""The command line: `motte --help`. typer, rich and segno are imported here and nowhere else."""
