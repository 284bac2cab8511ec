package org.spigrp.daemon;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Faults;

/**
 * How a stack is to run.
 *
 * @param stateDirectory with the tables and the journal of numbers
 * @param runDirectory with the control socket and the listing files
 * @param natPorts UDP ports that take ESP (RFC 3948), beside those that SAs name
 * @param tap file that every packet is written to, or null
 * @param faults what is done to packets on the wire, or null
 * @param group whose members may look, or null
 * @param workers threads that do the cryptography, the owner of the stack among them
 */
record RunOptions(
        Path stateDirectory,
        Path runDirectory,
        List<Integer> natPorts,
        @Nullable Path tap,
        @Nullable Faults faults,
        @Nullable String group,
        int workers) {
    RunOptions {
        natPorts = List.copyOf(natPorts);
    }
}
