"""A demo company: believable data from one seed value, ending on the day it is built."""
