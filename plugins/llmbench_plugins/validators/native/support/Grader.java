package llmbench;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs test classes with JUnit and says what became of each test, on a channel that only this class knows: no
 * class of the answer is loaded before it has read the key, and nothing that the answer can name holds it.
 */
public final class Grader {
    private Grader() {}

    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String key = input.readLine();
        List<String> names = new ArrayList<>();
        String line = input.readLine();
        for (; line != null && !line.isEmpty(); line = input.readLine()) names.add(line);
        Loader loader = new Loader(arguments.length > 0 ? arguments[0] : ".");
        while (line != null && (line = input.readLine()) != null) loader.keep(line);
        PrintStream channel = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "UTF-8");
        System.setIn(new ByteArrayInputStream(new byte[0]));
        System.setOut(System.err);
        Listener listener = new Listener(channel, key);
        Thread.currentThread().setContextClassLoader(loader);
        loader.defineAll();
        List<DiscoverySelector> selectors = new ArrayList<>();
        for (String name : names) {
            try {
                selectors.add(DiscoverySelectors.selectClass(Class.forName(name, false, loader)));
            } catch (ClassNotFoundException | LinkageError error) {
                listener.say(name, "failed", String.valueOf(error));
            }
        }
        run(selectors, listener);
        // Last, so that what the answer has done to the machinery shows; its failing is no news for people.
        PrintStream errors = System.err;
        errors.println("llmbench_canary begins");
        run(List.of(DiscoverySelectors.selectClass(Canary.class)), new Listener(channel, key));
        errors.println("llmbench_canary ends");
        channel.print("\n" + key + " end\n");
        channel.flush();
        Runtime.getRuntime().halt(0);
    }

    private static void run(List<DiscoverySelector> selectors, TestExecutionListener listener) {
        Launcher launcher = LauncherFactory.create();
        launcher.execute(LauncherDiscoveryRequestBuilder.request().selectors(selectors).build(), listener);
    }

    /**
     * Defines the tests' classes, which lie in no file, and loads the answer's beside them, as both may be of one
     * package. When the first class of the answer is initialised, no test's is left to be read.
     */
    private static final class Loader extends URLClassLoader {
        private final Map<String, byte[]> tests = new LinkedHashMap<>();

        Loader(String folder) throws IOException {
            super(new URL[] {Path.of(folder).toUri().toURL()});
        }

        void keep(String line) {
            int space = line.indexOf(' ');
            if (space > 0) tests.put(line.substring(0, space), Base64.getDecoder().decode(line.substring(space + 1)));
        }

        void defineAll() {
            for (String name : List.copyOf(tests.keySet())) {
                try {
                    loadClass(name);
                } catch (ClassNotFoundException | LinkageError error) {
                    System.err.println(error);
                }
            }
            tests.clear();
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] content = tests.remove(name);
            return content == null ? super.findClass(name) : defineClass(name, content, 0, content.length);
        }
    }

    private static final class Listener implements TestExecutionListener {
        private final PrintStream channel;
        private final String key;

        Listener(PrintStream channel, String key) {
            this.channel = channel;
            this.key = key;
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            say(test, "skipped", "");
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            boolean passed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
            // A class of tests is of interest only where it failed as a whole.
            if (test.isContainer() && !test.isTest() && passed) return;
            String message = "";
            if (!passed) {
                Throwable error = result.getThrowable().orElse(null);
                message = String.valueOf(error).strip().lines().findFirst().orElse("");
                System.err.println(name(test) + " FAILED");
                if (error != null) show(error);
            }
            say(test, passed ? "passed" : "failed", message);
        }

        private static void show(Throwable error) {
            System.err.println("    " + String.valueOf(error).strip().replace("\n", "\n    "));
            for (StackTraceElement place : error.getStackTrace()) {
                String owner = place.getClassName();
                if (!owner.startsWith("java.") && !owner.startsWith("jdk.") && !owner.startsWith("org.")) {
                    System.err.println("        at " + place);
                }
                if (owner.startsWith("llmbench.")) break;
            }
        }

        private void say(TestIdentifier test, String status, String message) {
            say(name(test), status, message);
        }

        void say(String name, String status, String message) {
            channel.print("\n" + key + " case " + hex(name) + " " + status + " " + hex(message) + "\n");
            channel.flush();
        }

        private static String name(TestIdentifier test) {
            // Classes, methods and numbers of repetitions; nothing that an answer could choose.
            String id = test.getUniqueId();
            if (id.contains("[class:llmbench.Canary]")) return "llmbench_canary " + id;
            return id.replace("[engine:junit-jupiter]/", "").replaceAll("[\\[\\]]", "");
        }

        private static String hex(String text) {
            StringBuilder coded = new StringBuilder();
            for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
                coded.append(Character.forDigit(each >> 4 & 15, 16)).append(Character.forDigit(each & 15, 16));
            }
            return coded.toString();
        }
    }
}
