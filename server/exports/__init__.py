"""Files that are made behind the request and kept for some hours: a list as a workbook, a report as workbook or paper."""
