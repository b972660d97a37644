"""What people have: files with every defect that was met or thought of, each made from nothing when it is asked for."""
