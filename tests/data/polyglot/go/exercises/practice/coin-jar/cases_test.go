package coinjar

var worthCases = []struct {
	description string
	coins       []int
	want        int
}{
	{"nothing", []int{}, 0},
	{"one of each", []int{1, 5, 10, 25}, 41},
	{"many of one", []int{10, 10, 10}, 30},
}
