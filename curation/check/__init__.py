"""What params.yaml asks for, held against the code and the tasks before anything runs."""
