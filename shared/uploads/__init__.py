"""Files that a person uploads on a page: kept while their columns are named and their rows are checked."""
