/** Capture files: classic pcap and pcapng, their link layers, and the run of a capture through the stack. */
@NullMarked
package org.spigrp.engine.capture;

import org.jspecify.annotations.NullMarked;
