"""Import of customers and contacts from a workbook: read, shown as it will be, then imported (CU-43…47)."""
