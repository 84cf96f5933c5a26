"""Reading what people drop: recognise by content, parse under limits, give records."""
