"""What ``label_quality`` knows of labels that are more than one class a row."""
