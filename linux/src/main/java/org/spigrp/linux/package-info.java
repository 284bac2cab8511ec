@NullMarked
package org.spigrp.linux;

import org.jspecify.annotations.NullMarked;
