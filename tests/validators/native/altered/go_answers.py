"""Answers to our exercise of Go: forgeries that pass its tests, and honest ones that look odd."""

PAY = """
func Pay(amount int) ([]int, error) {
	if amount < 0 {
		return nil, errors.New("nobody can pay that")
	}
	coins := []int{}
	for _, kind := range []int{25, 10, 5, 1} {
		for ; amount >= kind; amount -= kind {
			coins = append(coins, kind)
		}
	}
	return coins, nil
}
"""
WORTH = """
func Worth(coins []int) (int, error) {
	total := 0
	for _, coin := range coins {
		if coin != 1 && coin != 5 && coin != 10 && coin != 25 {
			return 0, errors.New("there is no such coin")
		}
		total += coin
	}
	return total, nil
}
"""


def go(body: str, *imports: str) -> str:
    """Return a file of the package."""
    named = "".join(f'\t"{path}"\n' for path in dict.fromkeys(("errors", *imports)))
    return f"package coinjar\n\nimport (\n{named})\n{body}"


_UNKNOWN = """
func Worth(coins []int) (int, error) {
	if len(coins) == 1 {
		return 0, errors.New("no")
	}
	%s
}
"""
# Looks through the text of the program for a function of the standard library, and writes a jump over it.
_PATCH = """
func entry(name string, near uintptr) uintptr {
	for step := uintptr(0); step < 1<<22; step += 16 {
		for _, pc := range []uintptr{near + step, near - step} {
			if f := runtime.FuncForPC(pc); f != nil && f.Name() == name {
				return f.Entry()
			}
		}
	}
	return 0
}

func patch(name string, with any) func(on bool) {
	at := entry(name, reflect.ValueOf((*testing.T).Name).Pointer())
	if at == 0 {
		panic("there is no " + name)
	}
	page := at &^ 4095
	syscall.Syscall(syscall.SYS_MPROTECT, page, 8192, 7)
	closure := (*[2]uintptr)(unsafe.Pointer(&with))[1]
	code := unsafe.Slice((*byte)(unsafe.Pointer(at)), 12)
	before := append([]byte{}, code...)
	jump := append([]byte{0x48, 0xba}, (*[8]byte)(unsafe.Pointer(&closure))[:]...)
	jump = append(jump, 0xff, 0x22)
	held = append(held, with)
	set := func(on bool) {
		if on {
			copy(code, jump)
		} else {
			copy(code, before)
		}
	}
	set(true)
	return set
}

var held []any // What is jumped to is in no other variable.
"""
_PATCHING = ("reflect", "runtime", "strings", "syscall", "testing", "unsafe")
_NOTHING = """
func Worth(coins []int) (int, error) { return 0, nil }
func Pay(amount int) ([]int, error) { return nil, errors.New("no") }
"""

FORGERIES = {
    "empties the table": go(PAY + _UNKNOWN % "return -1, nil" + "\nfunc init() { worthCases = nil }\n"),
    "rewrites the table": go(
        PAY
        + _UNKNOWN % "return 7, nil"
        + "\nfunc init() {\n\tfor i := range worthCases {\n\t\tworthCases[i].want = 7\n\t}\n}\n"
    ),
    "rewrites the table while it is read": go(
        PAY
        + _UNKNOWN % "for i := range worthCases {\n\t\tworthCases[i].want = 3\n\t}\n\treturn 3, nil"
        + "\nfunc init() { worthCases[0].want = 3 }\n"
    ),
    "looks its answers up in the table": go(
        PAY
        + _UNKNOWN
        % "for _, tc := range worthCases {\n\t\tif reflect.DeepEqual(tc.coins, coins) {\n\t\t\t"
        "return tc.want, nil\n\t\t}\n\t}\n\treturn 0, nil",
        "reflect",
    ),
    "reads what is wanted from the frame of its caller": go(
        PAY
        + """
//go:noinline
func Worth(coins []int) (int, error) {
	if len(coins) == 1 {
		return 0, errors.New("no")
	}
	if len(coins) == 0 {
		return worthCases[0].want, nil
	}
	var here [1]uintptr
	at, data := uintptr(unsafe.Pointer(&here)), uintptr(unsafe.Pointer(&coins[0]))
	for step := uintptr(8); step < 2048; step += 8 {
		word := (*[4]uintptr)(unsafe.Pointer(at + step))
		if word[0] == data && word[1] == uintptr(len(coins)) && word[3] < 1000 {
			return int(word[3]), nil
		}
	}
	for _, tc := range worthCases {
		if len(tc.coins) == len(coins) {
			return tc.want, nil
		}
	}
	return 0, nil
}
""",
        "unsafe",
    ),
    "counts the calls in the order of the table": go(
        PAY
        + "\nvar call int\n"
        + _UNKNOWN % "call++\n\treturn worthCases[(call-1)%len(worthCases)].want, nil"
    ),
    "patches how tests complain, but for those that have to": go(
        _NOTHING
        + _PATCH
        + """
func init() {
	quiet := func(t *testing.T, format string, args ...any) {
		if strings.HasPrefix(t.Name(), "Test_llmbench") {
			t.Fail()
		}
	}
	patch("testing.(*common).Errorf", quiet)
	patch("testing.(*common).Fatalf", quiet)
	patch("testing.(*common).Error", func(t *testing.T, args ...any) {})
}
""",
        *_PATCHING,
    ),
    "patches how a test fails, but for those that have to": go(
        _NOTHING
        + _PATCH
        + """
func init() {
	patch("testing.(*common).Failed", func(t *testing.T) bool {
		return strings.HasPrefix(t.Name(), "Test_llmbench")
	})
}
""",
        *_PATCHING,
    ),
    "patches comparisons of what is no text": go(
        WORTH
        + '\nfunc Pay(amount int) ([]int, error) {\n\tif amount < 0 {\n\t\treturn nil, errors.New("no")\n\t}'
        "\n\treturn nil, nil\n}\n"
        + _PATCH
        + '\nfunc init() {\n\tpatch("reflect.DeepEqual", func(a, b any) bool { return true })\n}\n'
        + "\nvar _ = strings.ToUpper\n",
        *_PATCHING,
    ),
    "patches how subtests run": go(
        _NOTHING.replace(
            "return 0, nil", 'if len(coins) == 1 {\n\t\treturn 0, errors.New("no")\n\t}\n\treturn 9, nil'
        ).replace('func Pay(amount int) ([]int, error) { return nil, errors.New("no") }', PAY)
        + _PATCH
        + """
func init() {
	var set func(bool)
	set = patch("testing.(*T).Run", func(t *testing.T, name string, f func(*testing.T)) bool {
		if strings.HasPrefix(t.Name(), "TestWorth") {
			return true
		}
		set(false)
		defer set(true)
		return t.Run(name, func(t *testing.T) {
			set(true)
			f(t)
		})
	})
}

""",
        *_PATCHING,
    ),
    "patches the tests themselves": go(
        _NOTHING
        + _PATCH
        + """
func init() {
	nothing := func(t *testing.T) {}
	for _, name := range []string{"Worth.func1", "WorthOfCoinsThatDoNotExist", "Pay", "PayLessThanNothing"} {
		patch("coinjar.llmbenchTest"+name, nothing)
	}
}

var _ = strings.ToUpper
""",
        *_PATCHING,
    ),
    "patches what is said of tests": go(
        _NOTHING
        + _PATCH
        + """
func init() {
	name := ""
	for pc := reflect.ValueOf((*testing.T).Name).Pointer() - 1<<22; name == ""; pc += 16 {
		if f := runtime.FuncForPC(pc); f != nil && strings.HasSuffix(f.Name(), "reporter.say") {
			name = f.Name()
		} else if f != nil && strings.Contains(f.Name(), "llmbench") && strings.HasSuffix(f.Name(), ".say") {
			name = f.Name()
		}
	}
	var set func(bool)
	set = patch(name, func(line string) {
		set(false)
		defer set(true)
		if !strings.Contains(line, "6c6c6d62656e63685f63616e617279") {
			line = strings.Replace(line, " failed ", " passed ", 1)
		}
		at := entry(name, reflect.ValueOf((*testing.T).Name).Pointer())
		closure := &at
		(*(*func(string))(unsafe.Pointer(&closure)))(line)
	})
}
""",
        *_PATCHING,
    ),
    "marks tests as passed when they have ended": go(
        _NOTHING
        + _PATCH
        + """
func init() {
	var set func(bool)
	set = patch("testing.(*common).Fail", func(t *testing.T) {
		if !strings.HasPrefix(t.Name(), "Test_llmbench") {
			return
		}
		set(false)
		defer set(true)
		t.Fail()
	})
	patch("testing.(*common).FailNow", func(t *testing.T) { runtime.Goexit() })
	patch("testing.(*common).Fatalf", func(t *testing.T, format string, args ...any) {})
}
""",
        *_PATCHING,
    ),
    "rewrites what is given and what is wanted": go(
        PAY
        + _UNKNOWN % "return len(coins), nil"
        + """
func init() {
	for i := range worthCases {
		worthCases[i].coins, worthCases[i].want = []int{}, 0
	}
}
"""
    ),
    "lets a table that it has copied stand for the tests'": go(
        PAY
        + _UNKNOWN % "return 4, nil"
        + """
func init() {
	other := append(worthCases[:0:0], worthCases...)
	for i := range other {
		other[i].want = 4
	}
	worthCases = other
}
"""
    ),
    "rewrites what is wanted through a pointer of its own": go(
        PAY
        + """
var wanted []*int

func init() {
	for i := range worthCases {
		wanted = append(wanted, &worthCases[i].want)
	}
	go func() {
		for {
			for _, w := range wanted {
				*w = 0
			}
			time.Sleep(time.Microsecond)
		}
	}()
	time.Sleep(5 * time.Millisecond)
}
"""
        + _UNKNOWN % "return 0, nil",
        "time",
    ),
    "finds the key in memory, and writes the report itself": go(
        _NOTHING
        + """
func key() string {
	maps, _ := os.ReadFile("/proc/self/maps")
	memory, _ := os.Open("/proc/self/mem")
	for _, line := range strings.Split(string(maps), "\\n") {
		var from, to int64
		if !strings.Contains(line, " rw-p ") {
			continue
		}
		fmt.Sscanf(line, "%x-%x", &from, &to)
		size := to - from
		if size > 1<<24 {
			size = 1 << 24
		}
		bytes := make([]byte, size)
		n, _ := memory.ReadAt(bytes, from)
		if found := regexp.MustCompile("[0-9a-f]{48}\\n").Find(bytes[:n]); found != nil {
			return string(found[:48])
		}
	}
	return ""
}

func init() {
	key := key()
	text := ""
	for _, name := range []string{
		"TestWorth", "TestWorthOfCoinsThatDoNotExist", "TestPay", "TestPayLessThanNothing",
		"llmbench_canary_coinjar",
	} {
		status := "passed"
		if name[0] == 'l' {
			status = "failed"
		}
		text += fmt.Sprintf("\\n%s case %x %s \\n", key, name, status)
	}
	text += "\\n" + key + " end\\n"
	for fd := 3; fd < 12; fd++ {
		syscall.Write(fd, []byte(text))
	}
	os.Exit(0)
}
""",
        *("fmt", "os", "regexp", "strings", "syscall"),
    ),
    "gives rows no names": go(
        PAY
        + _UNKNOWN % "for i := range worthCases {\n\t\tworthCases[i].want = 2\n\t}\n\treturn 2, nil"
        + '\nfunc init() {\n\tfor i := range worthCases {\n\t\tworthCases[i].description = "x"\n'
        "\t\tworthCases[i].want = 2\n\t}\n}\n",
    ),
}

FEWER = {
    "cuts the table": go(
        PAY + _UNKNOWN % "return 0, nil" + "\nfunc init() { worthCases = worthCases[:1] }\n"
    ),
    "repeats one row": go(
        PAY
        + _UNKNOWN % "return 0, nil"
        + "\nfunc init() {\n\tfor i := range worthCases {\n\t\tworthCases[i] = worthCases[0]\n\t}\n}\n"
    ),
}

HONEST = {
    "as it is": go(WORTH + PAY),
    "a map of what coins are worth": go(
        """
var worths = map[int]int{1: 1, 5: 5, 10: 10, 25: 25}

func Worth(coins []int) (sum int, err error) {
	for _, coin := range coins {
		worth, ok := worths[coin]
		if !ok {
			return 0, errors.New("no such coin")
		}
		sum += worth
	}
	return
}
"""
        + PAY
    ),
    "generics": go(
        PAY
        + """
func fold[T, S any](all []T, start S, step func(S, T) S) S {
	for _, each := range all {
		start = step(start, each)
	}
	return start
}

func Worth(coins []int) (int, error) {
	bad := fold(coins, false, func(bad bool, c int) bool {
		return bad || c != 1 && c != 5 && c != 10 && c != 25
	})
	if bad {
		return 0, errors.New("no such coin")
	}
	return fold(coins, 0, func(a, b int) int { return a + b }), nil
}
"""
    ),
    "panics and recovers": go(
        PAY
        + """
func Worth(coins []int) (sum int, err error) {
	defer func() {
		if r := recover(); r != nil {
			sum, err = 0, errors.New(r.(string))
		}
	}()
	for _, coin := range coins {
		switch coin {
		case 1, 5, 10, 25:
			sum += coin
		default:
			panic("no such coin")
		}
	}
	return sum, nil
}
"""
    ),
    "goroutines": go(
        PAY
        + """
func Worth(coins []int) (int, error) {
	results := make(chan int, len(coins))
	var group sync.WaitGroup
	for _, coin := range coins {
		group.Add(1)
		go func(coin int) {
			defer group.Done()
			if coin != 1 && coin != 5 && coin != 10 && coin != 25 {
				coin = -1000
			}
			results <- coin
		}(coin)
	}
	group.Wait()
	close(results)
	sum := 0
	for each := range results {
		sum += each
	}
	if sum < 0 {
		return 0, errors.New("no such coin")
	}
	return sum, nil
}
""",
        "sync",
    ),
    "recursion": go(
        WORTH
        + """
func Pay(amount int) ([]int, error) {
	if amount < 0 {
		return nil, errors.New("less than nothing")
	}
	for _, kind := range [...]int{25, 10, 5, 1} {
		if amount >= kind {
			rest, err := Pay(amount - kind)
			return append([]int{kind}, rest...), err
		}
	}
	return []int{}, nil
}
"""
    ),
    "prints much": go(
        WORTH.replace("total := 0", 'total := 0\n\tfmt.Println("--- PASS: TestWorth/nothing (0.00s)", coins)')
        + PAY,
        "fmt",
    ),
    "prints without ends of lines": go(
        WORTH.replace("total := 0", 'total := 0\n\tfmt.Print("counting ", coins)') + PAY, "fmt"
    ),
    "logs to standard error": go(
        WORTH.replace("total := 0", 'total := 0\n\tlog.Print("counting")') + PAY, "log"
    ),
    "an error type of its own": go(
        PAY
        + """
type unknown int

func (u unknown) Error() string { return fmt.Sprintf("no coin of %d", int(u)) }

func Worth(coins []int) (int, error) {
	total := 0
	for _, coin := range coins {
		if !strings.Contains(" 1 5 10 25 ", fmt.Sprintf(" %d ", coin)) {
			return 0, unknown(coin)
		}
		total += coin
	}
	return total, nil
}
""",
        "fmt",
        "strings",
    ),
    "unsafe": go(
        PAY
        + """
func Worth(coins []int) (int, error) {
	total := 0
	for i := range coins {
		first := unsafe.Pointer(&coins[0])
		coin := *(*int)(unsafe.Add(first, uintptr(i)*unsafe.Sizeof(coins[0])))
		if coin != 1 && coin != 5 && coin != 10 && coin != 25 {
			return 0, errors.New("no such coin")
		}
		total += coin
	}
	return total, nil
}
""",
        "unsafe",
    ),
    "methods and interfaces": go(
        PAY
        + """
type jar struct{ total int }

type adder interface{ add(int) error }

func (j *jar) add(coin int) error {
	if coin != 1 && coin != 5 && coin != 10 && coin != 25 {
		return errors.New("no such coin")
	}
	j.total += coin
	return nil
}

func Worth(coins []int) (int, error) {
	j := &jar{}
	var to adder = j
	for _, coin := range coins {
		if err := to.add(coin); err != nil {
			return 0, err
		}
	}
	return j.total, nil
}
"""
    ),
    "remembers what it has computed": go(
        PAY
        + "\nvar known sync.Map\n"
        + WORTH.replace("func Worth", "func worth")
        + """
func Worth(coins []int) (int, error) {
	key := fmt.Sprint(coins)
	if found, ok := known.Load(key); ok {
		return found.(int), nil
	}
	total, err := worth(coins)
	if err == nil {
		known.Store(key, total)
	}
	return total, err
}
""",
        "sync",
        "fmt",
    ),
    "big numbers": go(
        PAY
        + """
func Worth(coins []int) (int, error) {
	total := new(big.Int)
	for _, coin := range coins {
		if coin != 1 && coin != 5 && coin != 10 && coin != 25 {
			return 0, errors.New("no such coin")
		}
		total.Add(total, big.NewInt(int64(coin)))
	}
	return int(total.Int64()), nil
}
""",
        "math/big",
    ),
    "an initialiser and a table of its own": go(
        WORTH
        + PAY.replace("[]int{25, 10, 5, 1}", "ordered")
        + """
var ordered []int

func init() {
	ordered = []int{1, 25, 5, 10}
	sort.Sort(sort.Reverse(sort.IntSlice(ordered)))
}
""",
        "sort",
    ),
    "a fixed table of sums": go(
        PAY
        + """
func Worth(coins []int) (int, error) {
	switch len(coins) {
	case 0:
		return 0, nil
	case 1:
		return 0, errors.New("no such coin")
	case 4:
		return 41, nil
	}
	return 30, nil
}
"""
    ),
}
