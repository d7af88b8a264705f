def minutes(text):
    raise NotImplementedError
