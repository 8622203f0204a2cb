def write(w,l): pass
def write_month(w,p,l): pass
