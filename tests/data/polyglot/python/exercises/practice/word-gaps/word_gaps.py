def gaps(text):
    pass
