"""Every page and state of the hub as a list, which the pictures (`./hub shots`) and the accessibility tests share."""
