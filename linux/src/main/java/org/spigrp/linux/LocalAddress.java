package org.spigrp.linux;

import org.spigrp.wire.IpAddress;

/** An address of this host, and the interface that has it. */
public record LocalAddress(int interfaceIndex, IpAddress address) {}
