module coinjar

go 1.18
