package org.spigrp.daemon;
interface Nothing extends Tapped { void flush(); void close(); }
