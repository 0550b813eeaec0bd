"""Bytes in and out: uploaded lists to checked records, records to workbooks and calendar files."""
