@NullMarked
package org.spigrp.daemon;

import org.jspecify.annotations.NullMarked;
