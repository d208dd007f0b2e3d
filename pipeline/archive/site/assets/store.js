// Stars, read marks and notes: not there yet.
