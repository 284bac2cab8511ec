package org.spigrp.store;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the state directory and the run directory are, by environment variables: one answer for commands and daemon. */
public final class Places {
    private Places() {}

    /**
     * $IPSEC_STATE, else /var/lib/spigrp for root, else spigrp in the XDG state directory.
     *
     * @param workingDirectory what relative names start from
     * @return null where nothing says (no HOME)
     */
    public static @Nullable Path state(Map<String, String> variables, Path workingDirectory, boolean superuser) {
        String given = variable(variables, "IPSEC_STATE");
        if (given != null) {
            return workingDirectory.resolve(given);
        }
        if (superuser) {
            return Path.of("/var/lib/spigrp");
        }
        String xdg = variable(variables, "XDG_STATE_HOME");
        if (xdg != null && xdg.startsWith("/")) { // the XDG rules: a relative one counts as not set
            return Path.of(xdg, "spigrp");
        }
        String home = variable(variables, "HOME");
        return home == null ? null : Path.of(home, ".local", "state", "spigrp");
    }

    /** $IPSEC_RUN, else run in $IPSEC_STATE, else /run/spigrp for root, else spigrp in the XDG runtime directory. */
    public static Path run(Map<String, String> variables, Path workingDirectory, Path state, boolean superuser) {
        String given = variable(variables, "IPSEC_RUN");
        if (given != null) {
            return workingDirectory.resolve(given);
        }
        if (variable(variables, "IPSEC_STATE") == null) {
            if (superuser) {
                return Path.of("/run/spigrp");
            }
            String xdg = variable(variables, "XDG_RUNTIME_DIR");
            if (xdg != null && xdg.startsWith("/")) {
                return Path.of(xdg, "spigrp");
            }
        }
        return state.resolve("run");
    }

    private static @Nullable String variable(Map<String, String> variables, String name) {
        String value = variables.get(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
