module catalog.example/wordcount

go 1.21
