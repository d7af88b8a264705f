from plan import clock

def order(jobs):
    done = []
    while len(done) < len(jobs):
        ready = [job for job in jobs if job not in done and set(jobs[job]) <= set(done)]
        if not ready:
            raise ValueError(f"a circle of {', '.join(jobs)}")
        done += ready
    return done
