"""From what a source gives to rows that hold what they promise: columns, conversion, checks, provenance."""
