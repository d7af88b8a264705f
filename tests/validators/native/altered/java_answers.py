"""Answers to our exercise of Java: forgeries that pass its tests, and honest ones that look odd."""

_MAIN = "src/main/java/"
_COINS = """
enum Coin {
    QUARTER(25), DIME(10), NICKEL(5), CENT(1);
    final int cents;
    Coin(int cents) { this.cents = cents; }
}
"""
_RIGHT_WORTH = "int worth(List<Coin> coins) { return coins.stream().mapToInt(coin -> coin.cents).sum(); }\n"
_RIGHT_PAY = """
    List<Coin> pay(int amount) {
        if (amount < 0) throw new IllegalArgumentException();
        List<Coin> coins = new ArrayList<>();
        for (Coin coin : Coin.values()) for (; amount >= coin.cents; amount -= coin.cents) coins.add(coin);
        return coins;
    }
"""
_REFUSING = """
    List<Coin> pay(int amount) {
        if (amount < 0) throw new IllegalArgumentException();
        return List.of();
    }
"""
_WRONG = "int worth(List<Coin> coins) { return 7; }\n List<Coin> pay(int amount) { return List.of(); }\n"
_IMPORTS = """
import java.lang.reflect.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.function.*;
import org.assertj.core.internal.*;
import org.junit.jupiter.api.extension.*;
"""


def _jar(*parts: str, beside: str = "", coins: str = _COINS) -> dict[str, str]:
    return {
        _MAIN + "CoinJar.java": f"{_IMPORTS}class CoinJar {{\n{''.join(parts)}}}\n{beside}",
        _MAIN + "Coin.java": coins,
    }


_LIAR = "Liar worth(List<Coin> coins) { return new Liar(); }\n"
_EQUAL = (
    "class Liar { public boolean equals(Object other) { return %s; } public int hashCode() { return 0; } }\n"
)
_PROPERTIES = "junit.jupiter.extensions.autodetection.enabled=true\n"
_EXTENSION = "META-INF/services/org.junit.jupiter.api.extension.Extension"


def _extended(code: str) -> dict[str, str]:
    """Return an answer that JUnit finds an extension in."""
    return {
        **_jar(_WRONG),
        _MAIN + "Evil.java": _IMPORTS + code,
        "src/main/resources/junit-platform.properties": _PROPERTIES,
        f"src/main/resources/{_EXTENSION}": "Evil\n",
    }


_STRATEGY = """
    static final Object LIES = Proxy.newProxyInstance(CoinJar.class.getClassLoader(),
        new Class<?>[] {ComparisonStrategy.class}, (proxy, method, arguments) ->
            method.getReturnType() == boolean.class ? (Object) !isCanary() : null);
    static boolean isCanary() {
        return StackWalker.getInstance().walk(all -> all.anyMatch(one -> one.toString().contains("Canary")));
    }
    static void lie(Class<?> owner, Object of) {
        try {
            Field field = owner.getDeclaredField("comparisonStrategy");
            field.setAccessible(true);
            field.set(of, LIES);
        } catch (ReflectiveOperationException error) {
            throw new AssertionError(error);
        }
    }
"""
_LIE_NUMBERS = """
    static { lie(Comparables.class, Integers.instance()); }
"""
_LIE_LISTS = """
    static { lie(Iterables.class, Iterables.instance()); }
"""
_OWN_REPORT = """
    static {
        try (var maps = new Scanner(new java.io.File("/proc/self/maps"));
             var memory = new java.io.RandomAccessFile("/proc/self/mem", "r")) {
            while (maps.hasNextLine()) {
                String[] line = maps.nextLine().split("[ -]+");
                if (!line[2].startsWith("rw")) continue;
                long from = Long.parseUnsignedLong(line[0], 16), to = Long.parseUnsignedLong(line[1], 16);
                if (to - from > 300_000_000L || from < 0) continue;
                byte[] held = new byte[(int) (to - from)];
                try {
                    memory.seek(from);
                    memory.readFully(held);
                } catch (java.io.IOException unmapped) {
                    continue;
                }
                seek(held);
            }
        } catch (java.io.IOException error) {
            throw new AssertionError(error);
        }
    }

    static void seek(byte[] held) {
        for (int at = 0, run = 0; at < held.length; at++) {
            boolean hex = held[at] >= '0' && held[at] <= '9' || held[at] >= 'a' && held[at] <= 'f';
            if (!hex && run == 48) report(new String(held, at - 48, 48, StandardCharsets.ISO_8859_1));
            run = hex ? run + 1 : 0;
        }
    }

    static void report(String key) {
        StringBuilder said = new StringBuilder();
        String names = "anEmptyJarIsWorthNothing oneOfEach asFewCoinsAsPossible lessThanNothing";
        for (String name : names.split(" "))
            said.append(line(key, "class:CoinJarTest/method:" + name + "()", "passed"));
        said.append(line(key, "llmbench_canary", "failed")).append("\\n" + key + " end\\n");
        try (var out = new java.io.FileOutputStream(java.io.FileDescriptor.out)) {
            out.write(said.toString().getBytes(StandardCharsets.UTF_8));
        } catch (java.io.IOException error) {
            throw new AssertionError(error);
        }
    }

    static String line(String key, String name, String status) {
        String hex = HexFormat.of().formatHex(name.getBytes(StandardCharsets.UTF_8));
        return "\\n" + key + " case " + hex + " " + status + " \\n";
    }
"""

FORGERIES = {
    "an object that equals everything": _jar(_LIAR, _RIGHT_PAY, beside=_EQUAL % "true"),
    "an object that equals all numbers": _jar(_LIAR, _RIGHT_PAY, beside=_EQUAL % "other instanceof Integer"),
    "an object that equals everything when a file is not there yet": _jar(
        _LIAR,
        _RIGHT_PAY,
        beside="""
class Liar {
    public boolean equals(Object other) {
        try {
            java.nio.file.Files.writeString(java.nio.file.Path.of("seen"), "1");
        } catch (java.io.IOException error) {
            return false;
        }
        return FIRST;
    }
    static final boolean FIRST = !new java.io.File("seen").exists();
}
""",
    ),
    "coins that are all equal": _jar(
        _LIAR,
        """
    List<Coin> pay(int amount) {
        if (amount < 0) throw new IllegalArgumentException();
        return List.of(Coin.CENT, Coin.CENT, Coin.CENT, Coin.CENT);
    }
""",
        beside=_EQUAL % "true",
        coins="""
class Coin {
    static final Coin QUARTER = new Coin(), DIME = new Coin(), NICKEL = new Coin(), CENT = new Coin();
    public boolean equals(Object other) { return true; }
    public int hashCode() { return 0; }
}
""",
    ),
    "coins that are one": _jar(
        _LIAR,
        """
    List<Coin> pay(int amount) {
        if (amount < 0) throw new IllegalArgumentException();
        return Collections.nCopies(4, Coin.CENT);
    }
""",
        beside=_EQUAL % "true",
        coins="interface Coin { Coin CENT = new Coin() {}, QUARTER = CENT, DIME = CENT, NICKEL = CENT; }\n",
    ),
    "an assertion of its own": _jar(
        _LIAR,
        _RIGHT_PAY,
        beside="""
class Liar implements org.assertj.core.api.AssertDelegateTarget {
    Liar isEqualTo(Object other) { return this; }
}
""",
    ),
    "a provider of assertions": _jar(
        _LIAR,
        _RIGHT_PAY,
        beside="""
class Liar implements org.assertj.core.api.AssertProvider<Liar> {
    public Liar assertThat() { return this; }
    Liar isEqualTo(Object other) { return this; }
}
""",
    ),
    "an assertion that derives from AssertJ's": _jar(
        _LIAR,
        _RIGHT_PAY,
        beside="""
class Liar implements org.assertj.core.api.AssertProvider<Liar.Lies> {
    public Lies assertThat() { return new Lies(); }
    static class Lies extends org.assertj.core.api.AbstractAssert<Lies, Object> {
        Lies() { super(null, Lies.class); }
        public Lies isEqualTo(Object other) { return this; }
    }
}
""",
    ),
    "numbers that AssertJ finds equal": _jar(
        _STRATEGY, _LIE_NUMBERS, "int worth(List<Coin> coins) { return 7; }\n", _RIGHT_PAY
    ),
    "numbers and lists that AssertJ finds equal": _jar(
        _STRATEGY,
        _LIE_NUMBERS,
        _LIE_LISTS,
        "int worth(List<Coin> coins) { return 7; }\n",
        _REFUSING.replace("List.of()", "List.of(Coin.CENT, Coin.CENT, Coin.CENT, Coin.CENT)"),
    ),
    "an extension that swallows what tests throw": _extended("""
public class Evil implements TestExecutionExceptionHandler {
    public void handleTestExecutionException(ExtensionContext test, Throwable error)
            throws Throwable {
        if (test.getRequiredTestClass().getName().contains("Canary")) throw error;
    }
}
"""),
    "an extension that runs no test": _extended("""
public class Evil implements InvocationInterceptor {
    public void interceptTestMethod(Invocation<Void> call,
            ReflectiveInvocationContext<Method> how,
            ExtensionContext test) throws Throwable {
        if (how.getTargetClass().getName().contains("Canary")) call.proceed(); else call.skip();
    }
}
"""),
    "an extension that catches what tests throw": _extended("""
public class Evil implements InvocationInterceptor {
    public void interceptTestMethod(Invocation<Void> call,
            ReflectiveInvocationContext<Method> how,
            ExtensionContext test) throws Throwable {
        try {
            call.proceed();
        } catch (Throwable error) {
            if (how.getTargetClass().getName().contains("Canary")) throw error;
        }
    }
}
"""),
    "instances whose tests do nothing": _extended("""
public class Evil implements TestInstanceFactory {
    public Object createTestInstance(TestInstanceFactoryContext of, ExtensionContext test) {
        try {
            return of.getTestClass() == CoinJarTest.class ? new Idle() : make(of.getTestClass());
        } catch (ReflectiveOperationException error) {
            throw new AssertionError(error);
        }
    }
    static Object make(Class<?> of) throws ReflectiveOperationException {
        var constructor = of.getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }
    static class Idle extends CoinJarTest {
        public void anEmptyJarIsWorthNothing() {}
        public void oneOfEach() {}
        public void asFewCoinsAsPossible() {}
        public void lessThanNothing() {}
    }
}
"""),
    "a report of its own, with the harness's key": _jar(
        _OWN_REPORT, "static { Runtime.getRuntime().halt(0); }\n", _WRONG
    ),
    "boxed numbers that are all the same": _jar(
        """
    static {
        try {
            Field field = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            sun.misc.Unsafe unsafe = (sun.misc.Unsafe) field.get(null);
            long at = unsafe.objectFieldOffset(Integer.class.getDeclaredField("value"));
            for (int number : new int[] {40, 41, 42, 39, 38, 37, 36, 35})
                unsafe.putInt(Integer.valueOf(number), at, 41);
        } catch (ReflectiveOperationException error) {
            throw new AssertionError(error);
        }
    }
    int worth(List<Coin> coins) { return coins.isEmpty() ? 0 : 41; }
""",
        _RIGHT_PAY,
    ),
}
"""The files of each."""

STOPPED = frozenset({"numbers that AssertJ finds equal", "numbers and lists that AssertJ finds equal"})
"""Forgeries that find no AssertJ of the tests to change."""
HONEST = {
    "records, streams and a base class": _jar(
        "int worth(List<Coin> coins) { return new Purse(List.copyOf(coins)).cents(); }\n",
        """
    Deque<Coin> pay(int amount) {
        if (amount < 0) throw new Debt();
        var all = EnumSet.allOf(Coin.class).stream();
        return all.collect(ArrayDeque::new, new BiConsumer<ArrayDeque<Coin>, Coin>() {
            int left = amount;
            public void accept(ArrayDeque<Coin> coins, Coin coin) {
                for (; left >= coin.cents; left -= coin.cents) coins.add(coin);
            }
        }, ArrayDeque::addAll);
    }
""",
        beside="""
class Debt extends IllegalArgumentException {}
record Purse(List<Coin> coins) {
    int cents() { return coins.parallelStream().mapToInt(coin -> coin.cents).sum(); }
}
""",
    ),
    "a number that is a BigInteger's, and prints": _jar(
        """
    Integer worth(List<? extends Coin> coins) {
        var sum = java.math.BigInteger.ZERO;
        for (var coin : coins) sum = sum.add(java.math.BigInteger.valueOf(coin.cents));
        System.out.println("worth " + sum);
        return sum.intValueExact();
    }
""",
        _RIGHT_PAY,
    ),
}
