module catalog.example/pages

go 1.21
