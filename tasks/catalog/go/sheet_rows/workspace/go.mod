module catalog.example/sheet

go 1.21
