def jobs(lines):
    return {line.split(":")[0]: line.split(":")[1].split() for line in lines}
