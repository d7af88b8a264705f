module catalog.example/schedule

go 1.21
