"""What a user may see, take along and have erased of everything kept: export, erasure, withdrawal, their frames."""
