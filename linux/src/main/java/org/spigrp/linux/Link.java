package org.spigrp.linux;

/**
 * An interface as the kernel tells of it.
 *
 * @param up set up by the administrator
 * @param running up, and the wire is there; for a TUN: somebody has opened it
 */
public record Link(int index, String name, boolean up, boolean running, int mtu) {}
