"""C++ and Rust: object files of an answer define nothing that is Catch2's, the libraries' or the tests'.

A linker takes the first definition that it meets, without a word, where one of two is weak or in a library.
"""

from llmbench.api import Box, Ran

# A line for each thing that was found: its kind, and a name. nm says of a symbol its name, a letter and more.
_LOOK = r"""
cd "$1" || exit 1
answers=$(ls | grep '^[0-9]*\.o$'); tests="$2 $(ls | grep '^test')"
libraries=; for name in libc.so.6 libm.so.6 libstdc++.so.6 libgcc_s.so.1; do
    file=$(g++ -print-file-name=$name); [ -f "$file" ] && libraries="$libraries $file"; done
export LC_ALL=C
names() { awk "$1"' { sub(/@.*/, "", $1); print $1 }' | sort -u; }
{ [ -z "$answers" ] || nm -P $answers; } > answers.nm || exit 1
nm -P $tests > tests.nm || exit 1
nm -P -D $libraries > libraries.nm || exit 1
grep -v '^[^ ]*:$' libraries.nm | names '$2 ~ /^[TDBRWViu]$/' > exported
cat tests.nm libraries.nm | names '$2 ~ /^[Uw]$/' > needed
ours=$(ls | grep '^test'); nm -P $ours | cat - answers.nm > own.nm
names '$2 == "i"' < own.nm | sed 's/^/early /'
{ names '$1 !~ /^_Z/ && $2 ~ /^[TDBRCWVGSu]$/' < own.nm | comm -12 - needed
  names '$1 ~ /^_Z/ && $1 !~ /^_Z(nw|na|dl|da)/ && $2 ~ /^[TDBRCGS]$/' < own.nm
} | sort -u | comm -12 - exported | sed 's/^/library /'
names '$2 ~ /^[TDBRCGS]$/' < answers.nm > strong
names '$2 ~ /^[WVu]$/' < tests.nm | comm -12 - strong | sed 's/^/tests /'
names '$1 ~ /^_Z(T[A-Z]|GV|Z)?N[KVRO]*5Catch/ && $2 ~ /^[TDBRCWVGSudbrt]$/' < answers.nm | sed 's/^/Catch2 /'
[ -z "$answers" ] || objdump -h $answers $ours | awk '$2 ~ /^\.preinit_array/ { print "early", $2 }'
rm -f ./*.nm exported needed strong"""
# All names of Rust are mangled but those that source asks for; sections are nobody's to choose.
_RUST = r"""
export LC_ALL=C
cd /tmp/target/debug || exit 1
nm -P lib*.rlib 2>/dev/null | awk '$2 ~ /^[TDBRCWVGSui]$/ && $1 !~ /^(_R|_ZN)/ { print $1 }' |
    sort -u > /tmp/own
libraries=; for name in libc.so.6 libm.so.6 libgcc_s.so.1; do
    file=$(gcc -print-file-name=$name); [ -f "$file" ] && libraries="$libraries $file"; done
if [ -s /tmp/own ]; then
    nm -P -D $libraries | awk '$2 ~ /^[TDBRWViu]$/ { sub(/@.*/, "", $1); print $1 }' | sort -u |
        comm -12 - /tmp/own | sed 's/^/library /'
fi
objdump -h lib*.rlib 2>/dev/null | awk '$2 ~ /^\.(preinit_array|init_array|ctors)/ { print "early", $2 }'
rm /tmp/own"""
_SAYS = {
    "early": "the answer has code that runs before the tests' own does: {}",
    "library": "the answer's object files define {}, which belongs to the system's libraries",
    "tests": "the answer's object files replace {} of the tests' program",
    "Catch2": "the answer's object files define {}, which belongs to Catch2",
}


async def replaced(work: str, main: str, box: Box, timeout_s: float) -> str | Ran:
    """Return what the answer's objects in a folder replace, or nothing; what was run, if that went wrong."""
    script = f"({_LOOK}) > llmbench-look; head -n 1 llmbench-look | c++filt; rm -f llmbench-look"
    ran = await box.run(["sh", "-c", script, "sh", work, main], timeout_s=timeout_s)
    return ran if ran.exit_code != 0 or ran.stopped else _said(ran)


async def replaced_by_rust(box: Box, timeout_s: float) -> str | Ran:
    """Return the same of a library that cargo has built."""
    ran = await box.run(["sh", "-c", f"({_RUST}) | head -n 1"], timeout_s=timeout_s)
    return ran if ran.exit_code != 0 or ran.stopped else _said(ran)


def _said(ran: Ran) -> str:
    kind, _, name = ran.stdout.decode(errors="replace").strip().partition(" ")
    return _SAYS[kind].format(name) if kind in _SAYS else ""
