import re


def gaps(text):
    return [len(gap) for gap in re.findall(r" +", text.strip())]
