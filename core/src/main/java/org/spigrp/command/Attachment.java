package org.spigrp.command;

import org.jspecify.annotations.Nullable;

/**
 * A virtual interface as wanted.
 *
 * @param virtual ipsec0..ipsec63 or mast0..
 * @param physical null = not attached
 * @param physicalMtu when it was attached, 0 = unknown or not attached
 */
public record Attachment(String virtual, @Nullable String physical, int physicalMtu) {}
