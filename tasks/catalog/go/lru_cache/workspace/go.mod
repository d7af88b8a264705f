module catalog.example/lru

go 1.21
