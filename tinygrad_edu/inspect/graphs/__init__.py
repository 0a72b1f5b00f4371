"""What a graph holds, as plain data: names, numbers in words, local derivatives, and the JSON that reads back."""
