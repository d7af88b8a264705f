#!/bin/sh
# Fetches JUnit, AssertJ and the libraries that two exercises use into the new folder $1, by Maven, from wherever
# Maven is set to fetch; what comes must have the sha256 that jars.txt says.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
command -v mvn > /dev/null || { echo "Maven is missing: sudo apt-get install maven" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

jars() { grep -v '^#' "$here/jars.txt"; }

{
    echo '<project><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>llmbench</groupId><artifactId>jars</artifactId><version>1</version><dependencies>'
    jars | while read -r group name version _; do
        echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version></dependency>"
    done
    echo '</dependencies></project>'
} > "$work/pom.xml"
mkdir -p "$1"
# A repository of its own: the user's stays as it is.
mvn --batch-mode --no-transfer-progress --file "$work/pom.xml" "-Dmaven.repo.local=$work/repository" \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DexcludeTransitive=true -Dmdep.stripVersion=true "-DoutputDirectory=$1"
jars | while read -r _ name _ sha256; do
    echo "$sha256  $1/$name.jar"
done > "$work/sums"
if command -v sha256sum > /dev/null; then sha256sum --check "$work/sums"; else shasum -a 256 --check "$work/sums"; fi

# The classes of the compiler as the JVM has them in memory: a quarter of its start. It goes without, where it can't.
mkdir "$work/classes"
cat > "$work/Warm.java" <<'JAVA'
import java.util.*;
import java.util.stream.*;
import org.junit.jupiter.api.Test;
import static org.assertj.core.api.Assertions.assertThat;

class Warm {
    enum Kind { ONE, TWO }
    record Pair<A, B>(A first, B second) {}
    interface Shape { default int corners() { return 0; } }
    private final Map<String, List<Integer>> known = new HashMap<>();

    @Test
    void counts() {
        for (int number : new int[] {1, 2, 3}) known.computeIfAbsent("n" + number, key -> new ArrayList<>()).add(number);
        var pairs = known.entrySet().stream().map(e -> new Pair<>(e.getKey(), e.getValue())).collect(Collectors.toList());
        String text = switch (Kind.values()[0]) { case ONE -> "one"; default -> throw new IllegalStateException(); };
        try { assertThat(pairs).hasSize(3).isNotNull(); } catch (RuntimeException e) { assertThat(text).isEqualTo("one"); }
        Shape square = new Shape() { @Override public int corners() { return 4; } };
        assertThat(square.corners()).isGreaterThan(pairs.isEmpty() ? 4 : 3);
    }
}
JAVA
javac -J-XX:+UseSerialGC -J-Xlog:cds*=off "-J-XX:ArchiveClassesAtExit=$1/javac.jsa" -proc:none -cp "$1/*" \
    -d "$work/classes" "$work/Warm.java" || echo "the compiler's classes are not archived" >&2
chmod -R a+rX "$1"
