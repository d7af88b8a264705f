module catalog.example/bucket

go 1.21
