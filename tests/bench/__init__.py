"""`make bench`: what the system costs, each figure beside a reference measured in the same run."""
