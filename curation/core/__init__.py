"""What everything stands on; imports nothing above itself."""
