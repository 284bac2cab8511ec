/**
 * ESP, AH, IPComp, tunnels and UDP encapsulation on batches of packets, and captures as ports.
 */
package org.spigrp.engine;
