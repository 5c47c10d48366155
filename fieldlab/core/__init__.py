"""The words: types, files and formats that every stage shares; imports nothing of ours."""
