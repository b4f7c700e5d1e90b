"""Image processing: from bytes to faces, landmarks and descriptors."""
